"use strict";

// Keeps the page fresh: whenever the fleet tells of itself, the page is asked for again and what differs is put in place.

const main = document.getElementById("main");
const offline = document.getElementById("offline");
let busy = false;

async function refresh() {
  // What somebody marks, reads aloud or fills in stays under their hands.
  if (busy || document.hidden || holds()) return;
  busy = true;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const after = fresh.getElementById("main");
    if (after && !holds()) {
      document.title = fresh.title;
      become(main, after);
    }
  } catch {
    // The stream tells when the dashboard is away.
  }
  busy = false;
}

function holds() {
  const selection = getSelection();
  if (!selection.isCollapsed && main.contains(selection.anchorNode)) return true;
  const at = document.activeElement;
  if (at && main.contains(at) && at.matches("input:not([type=checkbox]), select, textarea")) return true;
  return main.querySelector("input[type=checkbox]:checked") !== null;
}

// Turns `before` into `after` and touches only what differs, so that focus and scrolling stay.
function become(before, after) {
  if (before.isEqualNode(after)) return;
  for (const { name } of [...before.attributes]) {
    if (!after.hasAttribute(name)) before.removeAttribute(name);
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

if ("live" in main.dataset) {
  const events = new EventSource("/api/v1/events");
  events.addEventListener("fleet", () => {
    offline.hidden = true;
    refresh();
  });
  events.addEventListener("error", () => (offline.hidden = false));
  addEventListener("pagehide", () => events.close());
  document.addEventListener("visibilitychange", refresh);
}
