// What keeps a person from reading or using a page, each as a line. As axe calls them: color-contrast, label, link-name,
// button-name, page-has-heading-one, duplicate-id; and a page that is wider than the screen.
(() => {
  const faults = [];
  const parse = (text) => {
    const parts = text.match(/[\d.]+/g).map(Number);
    return text.startsWith("color(srgb") ? [...parts.slice(0, 3).map((v) => v * 255), parts[3] ?? 1] : [...parts, 1].slice(0, 4);
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return [255, 255, 255, 1];
  };
  const shown = (e) => e.checkVisibility() && !e.closest(".hidden, .skip");
  for (const e of document.querySelectorAll("body *")) {
    if (!shown(e) || e.closest("svg")) continue;
    const text = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!text) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: ${e.outerHTML.slice(0, 120)}`);
  }
  for (const e of document.querySelectorAll("a, button, input:not([type=hidden]), select, meter, progress, [role=region], nav, table")) {
    const name = e.getAttribute("aria-label") || e.textContent.trim() || e.title || (e.labels && e.labels.length);
    if (!name) faults.push(`no name: ${e.outerHTML.slice(0, 120)}`);
  }
  for (const e of document.querySelectorAll("svg")) if (!e.getAttribute("aria-label")) faults.push("svg without a name");
  for (const e of document.querySelectorAll("th")) if (!e.textContent.trim() && e.closest("thead") && !e.closest(".small")) faults.push("a column without a name");
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of ids) if (ids.filter((other) => other === id).length > 1) faults.push(`id ${id} twice`);
  for (const e of document.querySelectorAll("[aria-labelledby]")) if (!document.getElementById(e.getAttribute("aria-labelledby"))) faults.push("labelled by nothing");
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`wider than the screen by ${document.documentElement.scrollWidth - innerWidth} px`);
  return [...new Set(faults)];
})()
