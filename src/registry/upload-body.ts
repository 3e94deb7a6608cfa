/** The bytes of one request. */
export interface UploadBody {
  chunks: AsyncIterable<Uint8Array>;
  /** From Content-Length; undefined for a chunked transfer. */
  length: number | undefined;
  /** First byte's position from Content-Range; undefined: go on where the upload is. */
  start: number | undefined;
}
