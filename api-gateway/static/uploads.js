// Uploads files a few at a time. What a reload breaks off is told after it: nothing is lost silently.

const form = document.getElementById("upload");
const uploads = document.getElementById("uploads");
const AT_ONCE = 3;
const waiting = [];
let running = 0;

function add(files) {
  for (const file of files) {
    const known = takeBroken(file);
    const entry = {
      file,
      // The same key again is the same document: an upload that was broken off after its last byte makes no second one.
      key: known?.key ?? newKey(),
      urgent: document.getElementById("urgent").checked,
      ...row(file),
    };
    entry.stop.addEventListener("click", () => remove(entry));
    entry.again.addEventListener("click", () => enqueue(entry));
    uploads.append(entry.item);
    if (file.size > Number(form.dataset.max)) fail(entry, "The file is larger than what is accepted here.", false);
    else enqueue(entry);
  }
}

function row(file) {
  const make = (tag, more) => Object.assign(document.createElement(tag), more);
  const item = make("li");
  const bar = make("progress", { max: 1, value: 0 });
  const why = make("span", { className: "problem", hidden: true });
  const again = make("button", { type: "button", className: "link", textContent: "Try again", hidden: true });
  const stop = make("button", { type: "button", className: "link", textContent: "Cancel" });
  for (const [part, verb] of [[bar, "Upload of"], [again, "Try again to upload"], [stop, "Cancel the upload of"]]) {
    part.setAttribute("aria-label", `${verb} ${file.name}`);
  }
  item.append(make("span", { textContent: file.name }), bar, again, stop, why);
  return { item, bar, why, again, stop };
}

function enqueue(entry) {
  entry.bar.hidden = false;
  entry.again.hidden = entry.why.hidden = true;
  entry.stop.textContent = "Cancel";
  waiting.push(entry);
  remember(entry);
  next();
}

function next() {
  while (running < AT_ONCE && waiting.length > 0) send(waiting.shift());
}

function send(entry) {
  running += 1;
  const body = new FormData();
  body.append("priority", entry.urgent ? "high" : "normal");
  if (form.elements.project) body.append("project", form.elements.project.value);
  body.append("file", entry.file);
  const request = (entry.request = new XMLHttpRequest());
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) entry.bar.value = event.loaded / event.total;
  });
  request.addEventListener("load", () => {
    if (request.status === 202) {
      remove(entry);
      document.dispatchEvent(new Event("news"));
    } else {
      // What the gateway could not do now, it may do later; what it does not want, it will not want then either.
      fail(entry, problem(request), request.status >= 500);
    }
  });
  request.addEventListener("error", () => fail(entry, "The upload broke off.", true));
  request.addEventListener("loadend", () => {
    running -= 1;
    next();
  });
  request.open("POST", form.action);
  request.setRequestHeader("Idempotency-Key", entry.key);
  request.send(body);
}

function problem(request) {
  try {
    return JSON.parse(request.responseText).detail;
  } catch {
    return `The gateway answered with status ${request.status}.`;
  }
}

function fail(entry, why, mayRetry) {
  entry.why.textContent = why;
  entry.bar.hidden = true;
  entry.why.hidden = false;
  entry.again.hidden = !mayRetry;
  entry.stop.textContent = "Dismiss";
  entry.stop.setAttribute("aria-label", "Dismiss " + entry.file.name);
  if (!mayRetry) forget(entry);
}

function remove(entry) {
  const place = waiting.indexOf(entry);
  if (place >= 0) waiting.splice(place, 1);
  entry.request?.abort();
  forget(entry);
  if (entry.item.contains(document.activeElement)) document.getElementById("files").focus();
  entry.item.remove();
}

// ---- what a reload breaks off

const KEPT = "uploads under way";
const broken = document.getElementById("broken");
const underWay = new Map();
let brokenOff = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function remember({ file, key }) {
  underWay.set(key, { name: file.name, size: file.size, changed: file.lastModified, key });
  keep();
}

function forget({ key }) {
  underWay.delete(key);
  keep();
}

function keep() {
  sessionStorage.setItem(KEPT, JSON.stringify([...brokenOff, ...underWay.values()]));
}

// The broken upload of this very file, which is one no more.
function takeBroken(file) {
  const place = brokenOff.findIndex((one) => one.name === file.name && one.size === file.size && one.changed === file.lastModified);
  if (place < 0) return null;
  const [taken] = brokenOff.splice(place, 1);
  tellBroken();
  return taken;
}

function tellBroken() {
  const n = brokenOff.length;
  const names = brokenOff.map((one) => one.name).join(", ");
  broken.hidden = n === 0;
  broken.querySelector("p").textContent =
    n === 1
      ? `1 upload was broken off by the reload: ${names}. Drop it again.`
      : `${n} uploads were broken off by the reload: ${names}. Drop them again.`;
}

// ---- how files come

function listen() {
  const input = document.getElementById("files");
  input.addEventListener("change", () => {
    add(input.files);
    input.value = "";
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  broken.querySelector("button").addEventListener("click", () => {
    brokenOff = [];
    keep();
    tellBroken();
  });
  addEventListener("beforeunload", (event) => {
    if (running > 0 || waiting.length > 0) event.preventDefault();
  });
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

// In maintenance nothing is accepted, and the form is not there.
if (form) {
  listen();
  tellBroken();
}
