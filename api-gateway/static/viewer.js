// Shows where on its page a field stands: whoever points at a field, or comes to it by keys, sees its box light up, and
// the other way round.

const WORDS = "word boxes";
const TRY_AGAIN_MS = 5000;

function lightUp(field) {
  for (const lit of document.querySelectorAll("[data-lit]")) {
    if (lit.dataset.field !== field) lit.removeAttribute("data-lit");
  }
  if (field === undefined) return;
  for (const lit of document.querySelectorAll(`[data-field="${field}"]`)) lit.setAttribute("data-lit", "");
}

// Only the frame scrolls: were the whole page to, the field would slip away from under the mouse.
function bringIntoFrame(field) {
  const box = document.getElementById("field-" + field);
  const frame = box?.closest(".frame");
  if (!frame) return;
  const [inner, outer] = [box.getBoundingClientRect(), frame.getBoundingClientRect()];
  if (inner.top >= outer.top && inner.bottom <= outer.bottom) return;
  const top = frame.scrollTop + inner.top - outer.top - (outer.height - inner.height) / 2;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  frame.scrollTo({ top, behavior: calm ? "instant" : "smooth" });
}

function point(event) {
  const pointed = event.target.closest("[data-field]");
  const focused = document.activeElement?.closest("[data-field]");
  lightUp((pointed ?? focused)?.dataset.field);
  if (pointed?.matches(".field")) bringIntoFrame(pointed.dataset.field);
}

document.addEventListener("mouseover", point);
document.addEventListener("focusin", point);
document.addEventListener("focusout", () => lightUp(undefined));
document.addEventListener("click", (event) => {
  const box = event.target.closest(".marks [data-field]");
  if (box) document.querySelector(`.field[data-field="${box.dataset.field}"]`).focus();
});

// The choice to see word boxes holds for the pages that are opened next.
const showWords = document.getElementById("show-words");
if (showWords) showWords.checked = sessionStorage.getItem(WORDS) === "true";
document.addEventListener("change", (event) => {
  if (event.target.id === "show-words") sessionStorage.setItem(WORDS, event.target.checked);
});

// An image is made when it is first asked for. That may take longer than a request, or be impossible.
async function explain(image) {
  const answer = await fetch(image.src).catch(() => null);
  // Ready by now.
  if (answer?.status === 200) image.src = image.src;
  const problem = await answer?.json().catch(() => null);
  const frame = image.closest(".frame");
  if (!problem?.detail || !frame) return;
  const line = document.getElementById("no-image");
  line.textContent = problem.detail;
  line.hidden = false;
  image.addEventListener("load", () => (line.hidden = true), { once: true });
  if (answer.status === 202) setTimeout(() => (image.src = image.src), TRY_AGAIN_MS);
}

document.addEventListener("error", (event) => event.target.closest(".sheet") && explain(event.target), true);
for (const image of document.querySelectorAll(".sheet img")) {
  if (image.complete && image.naturalWidth === 0) explain(image);
}
