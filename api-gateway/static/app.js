"use strict";

// Uploads files one beside the other and keeps the list fresh. The list itself is rendered by the server.

const list = document.getElementById("list");
const offline = document.getElementById("offline");

// ---- the list

const BUSY_MS = 1000;
const IDLE_MS = 5000;
let shown = "";
let timer = 0;

function schedule() {
  clearTimeout(timer);
  if (document.hidden) return;
  const busy = list.querySelector('[data-active="true"]') !== null;
  timer = setTimeout(refresh, busy ? BUSY_MS : IDLE_MS);
}

async function refresh() {
  clearTimeout(timer);
  try {
    const answer = await fetch("/list" + location.search, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    show(await answer.text());
    offline.hidden = true;
  } catch {
    offline.hidden = false;
  }
  schedule();
}

// Swaps rows that changed and leaves the others alone, so that what is focused or selected stays so.
function show(html) {
  if (html === shown) return;
  shown = html;
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  localTimes(fresh);
  const before = list.querySelector(".rows");
  const after = fresh.querySelector(".rows");
  if (!before || !after) {
    list.replaceChildren(...fresh.childNodes);
    return;
  }
  const known = new Map([...before.querySelectorAll(":scope > article")].map((row) => [row.id, row]));
  const rows = [...after.children].map((row) => {
    const old = known.get(row.id);
    return old && old.isEqualNode(row) ? old : row;
  });
  before.dataset.active = after.dataset.active;
  rows.forEach((row, place) => {
    if (before.children[place] !== row) before.insertBefore(row, before.children[place] ?? null);
  });
  while (before.children.length > rows.length) before.lastElementChild.remove();
  const [oldPager, newPager] = [list.querySelector(".pager"), fresh.querySelector(".pager")];
  if (oldPager) oldPager.remove();
  if (newPager) list.append(newPager);
}

function localTimes(root) {
  for (const time of root.querySelectorAll("time")) {
    time.textContent = new Date(time.dateTime).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  }
}

list.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-url]");
  if (!button || (button.dataset.confirm && !confirm(button.dataset.confirm))) return;
  button.disabled = true;
  try {
    const answer = await fetch(button.dataset.url, { method: button.dataset.method });
    if (!answer.ok) alert((await answer.json()).detail);
  } catch {
    alert("The gateway does not answer.");
  }
  button.disabled = false;
  refresh();
});

document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));

// ---- uploads

const form = document.getElementById("upload");
const uploads = document.getElementById("uploads");
const AT_ONCE = 3;
const queue = [];
let running = 0;

function add(files) {
  for (const file of files) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = file.name;
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", "Upload of " + file.name);
    const stop = document.createElement("button");
    stop.type = "button";
    stop.className = "link";
    stop.textContent = "Cancel";
    stop.addEventListener("click", () => remove(entry));
    item.append(name, bar, stop);
    uploads.append(item);
    const entry = { file, item, bar, stop, urgent: document.getElementById("urgent").checked };
    if (file.size > Number(form.dataset.max)) fail(entry, "The file is larger than what is accepted here.");
    else queue.push(entry);
  }
  next();
}

function next() {
  while (running < AT_ONCE && queue.length > 0) send(queue.shift());
}

function send(entry) {
  running += 1;
  const body = new FormData();
  body.append("priority", entry.urgent ? "high" : "normal");
  body.append("file", entry.file);
  const request = (entry.request = new XMLHttpRequest());
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) entry.bar.value = event.loaded / event.total;
  });
  request.addEventListener("load", () => {
    if (request.status === 202) {
      entry.item.remove();
      refresh();
    } else {
      fail(entry, problem(request));
    }
  });
  request.addEventListener("error", () => fail(entry, "The upload broke off; try it again."));
  request.addEventListener("loadend", () => {
    running -= 1;
    next();
  });
  request.open("POST", form.action);
  request.send(body);
}

function problem(request) {
  try {
    return JSON.parse(request.responseText).detail;
  } catch {
    return "The gateway answered with status " + request.status + ".";
  }
}

function fail(entry, why) {
  const line = document.createElement("span");
  line.className = "problem";
  line.textContent = why;
  entry.item.append(line);
  entry.bar.remove();
  entry.stop.textContent = "Dismiss";
}

function remove(entry) {
  const waiting = queue.indexOf(entry);
  if (waiting >= 0) queue.splice(waiting, 1);
  entry.request?.abort();
  entry.item.remove();
}

if (form) {
  const input = document.getElementById("files");
  input.addEventListener("change", () => {
    add(input.files);
    input.value = "";
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  let depth = 0;
  addEventListener("dragenter", (event) => {
    if (hasFiles(event) && ++depth === 1) form.classList.add("over");
  });
  addEventListener("dragleave", (event) => {
    if (hasFiles(event) && --depth === 0) form.classList.remove("over");
  });
  // Anywhere on the page: a file dropped beside the box would otherwise replace the page.
  addEventListener("dragover", (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    form.classList.remove("over");
    add(event.dataTransfer.files);
  });
}

localTimes(list);
schedule();
