// Arrays as Python packs them: plain lists, or base64 in Plotly's {"dtype", "bdata", "shape"}.

const KINDS = {
  f4: Float32Array, f8: Float64Array, i1: Int8Array, u1: Uint8Array,
  i2: Int16Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array,
};

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** The flat values of a list or packed array; null stays null. */
export function values(array) {
  if (array === null || array === undefined) return null;
  if (array.bdata === undefined) return Array.isArray(array) ? array.flat(Infinity) : array;
  const Kind = KINDS[array.dtype];
  if (!Kind) throw new Error(`Unknown array type ${array.dtype}.`);
  return new Kind(bytesOf(array.bdata).buffer);
}

/** The shape of a list or packed array. */
export function shape(array) {
  if (array?.shape !== undefined && array.bdata !== undefined) return String(array.shape).split(",").map(Number);
  const sizes = [];
  for (let level = array; level && typeof level === "object"; level = level[0]) sizes.push(level.length);
  return sizes;
}
