/** The part of this untyped package that tests use. */
declare module 'murmurhash3js-revisited' {
  const murmurHash3: { readonly x86: { hash32(bytes: Uint8Array, seed?: number): number } };
  // biome-ignore lint/style/noDefaultExport: it is a CommonJS package.
  export default murmurHash3;
}
