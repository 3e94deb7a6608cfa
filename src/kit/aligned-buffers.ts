// Node has it; its types are in the browser's library only.
declare const WebAssembly: {
  Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
};

/**
 * A fixed number of buffers that begin at page borders, as direct I/O wants them. Node's own buffers begin
 * where the allocator likes; the memory of WebAssembly is mapped by whole pages. A page costs nothing until
 * it is first written to.
 */
export interface AlignedBuffers {
  /** Bytes of each buffer; a multiple of 64 KiB. */
  readonly size: number;
  /** A buffer with whatever is in it, or undefined when all are out. Never waits. */
  take(): Buffer | undefined;
  /** Gives a taken buffer back, once, when nothing reads or writes it any more. Others' buffers are ignored. */
  give(buffer: Buffer): void;
  /** Whether the buffer is one of these. */
  owns(buffer: Buffer): boolean;
}

const wasmPage = 64 * 1024;

export function createAlignedBuffers({ size, count }: { size: number; count: number }): AlignedBuffers {
  if (size % wasmPage !== 0) throw new Error("the size of aligned buffers is a multiple of 64 KiB");
  const pages = (size / wasmPage) * count;
  // Never grown: growing would detach the buffers that are out.
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer;
  const idle = Array.from({ length: count }, (_, i): Buffer => Buffer.from(memory, i * size, size));
  const taken = new Set<Buffer>();
  return {
    size,
    take() {
      const buffer = idle.pop();
      if (buffer !== undefined) taken.add(buffer);
      return buffer;
    },
    give(buffer) {
      if (taken.delete(buffer)) idle.push(buffer);
    },
    owns: (buffer) => taken.has(buffer),
  };
}
