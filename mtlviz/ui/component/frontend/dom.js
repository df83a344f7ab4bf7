// Small helpers to build nodes and to hand a file to the visitor.

/** A new node with properties, attributes (in `attributes`) and children. */
export function node(tag, { attributes = {}, ...properties } = {}, children = []) {
  const element = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Set a node's text only when it changes, so that nothing is laid out for nothing. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Offer a data address or text as a file. */
export function save(name, content, type) {
  const address = content.startsWith("data:") ? content : URL.createObjectURL(new Blob([content], { type }));
  const link = node("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  if (!content.startsWith("data:")) setTimeout(() => URL.revokeObjectURL(address), 10000);
}

/** A number with thin separators between thousands. */
export function grouped(number) {
  return String(Math.round(number)).replace(/\B(?=(\d{3})+(?!\d))/g, "\u2009");
}
