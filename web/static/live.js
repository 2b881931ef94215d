// Keeps a part of a page fresh: whenever the server tells of news, the page is asked for again and what differs is put in place.
//
//   <main id="main" data-live="/api/v1/events" data-event="fleet">   which part, by which server-sent events of which name
//
// A part that no longer says so is finished: nothing more will come of it. A script that knows of news itself dispatches the
// event `news` on the document.

const region = document.querySelector("[data-live]");
const offline = document.getElementById("offline");
const PAUSE_MS = 1000;
const RECONNECT_MS = 5000;
let events = null;
let wanted = false;
let running = false;

// Whoever asks while an answer is under way is served by the next one.
async function refresh() {
  wanted = true;
  if (running) return;
  running = true;
  // A page that nobody sees is asked for once somebody does.
  while (wanted && !document.hidden) {
    wanted = false;
    const fresh = holds() ? null : await ask();
    const after = fresh?.getElementById(region.id);
    if (holds()) {
      wanted = true;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    } else if (after) {
      document.title = fresh.title;
      localTimes(after);
      become(region, after);
      if (!("live" in region.dataset)) events?.close();
    }
  }
  running = false;
}

// The page as it is now; null where the server cannot tell.
async function ask() {
  let answer;
  try {
    answer = await fetch(location.href, { cache: "no-store", headers: { accept: "text/html" } });
  } catch {
    offline.hidden = false;
    return null;
  }
  // The session has ended: the reader is to sign in again, and comes back here.
  if (answer.redirected) {
    location.reload();
    return null;
  }
  // What is gone may be said to be gone; any other trouble passes, and what is shown stays.
  const says = answer.ok || answer.status === 404;
  offline.hidden = says;
  return says ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

// What somebody marks, reads aloud or fills in stays under their hands.
function holds() {
  const selection = getSelection();
  if (!selection.isCollapsed && region.contains(selection.anchorNode)) return true;
  const at = document.activeElement;
  if (at && region.contains(at) && at.matches("input:not([type=checkbox]), select, textarea")) return true;
  return region.querySelector("input[type=checkbox][name]:checked") !== null;
}

// What the server knows nothing of: a mark that a script has set, and what somebody has unfolded.
const OWN = ["data-lit", "open"];

// Turns `before` into `after` and touches only what differs, so that focus and scrolling stay.
function become(before, after) {
  if (before.isEqualNode(after)) return;
  for (const { name } of [...before.attributes]) {
    if (!OWN.includes(name) && !after.hasAttribute(name)) before.removeAttribute(name);
  }
  for (const { name, value } of after.attributes) {
    if (before.getAttribute(name) !== value) before.setAttribute(name, value);
  }
  const known = new Map();
  for (const child of before.children) {
    if (child.dataset.key) known.set(child.dataset.key, child);
  }
  let place = before.firstChild;
  for (const wanted of [...after.childNodes]) {
    const key = wanted.dataset?.key;
    const match = key ? known.get(key) : place && !place.dataset?.key ? place : null;
    if (match && match.nodeType === wanted.nodeType && match.nodeName === wanted.nodeName) {
      if (match === place) place = place.nextSibling;
      else before.insertBefore(match, place);
      if (match.nodeType === Node.ELEMENT_NODE) become(match, wanted);
      else if (match.data !== wanted.data) match.data = wanted.data;
    } else {
      before.insertBefore(wanted, place);
    }
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

// Only the browser knows the reader's time zone.
function localTimes(root) {
  const formats = {
    minute: { dateStyle: "medium", timeStyle: "short" },
    second: { timeStyle: "medium" },
  };
  for (const time of root.querySelectorAll("time[data-local]")) {
    time.textContent = new Date(time.dateTime).toLocaleString([], formats[time.dataset.local]);
  }
}

// A browser lends each server few connections, for all its tabs: a page that nobody sees gives its own back.
function follow() {
  events?.close();
  if (document.hidden || !("live" in region.dataset)) return;
  const stream = (events = new EventSource(region.dataset.live));
  stream.addEventListener(region.dataset.event, refresh);
  stream.addEventListener("error", () => {
    // Its end, or that of the server: whether that answers tells which.
    refresh();
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => events === stream && follow(), RECONNECT_MS);
  });
}

localTimes(document);
if (region) {
  follow();
  document.addEventListener("news", refresh);
  addEventListener("pagehide", () => events?.close());
  document.addEventListener("visibilitychange", () => {
    follow();
    refresh();
  });
}
