/** GET or HEAD requests over keep-alive connections; several paths are asked in turn. */
export interface ReadJob {
  host: string;
  port: number;
  method: "GET" | "HEAD";
  paths: string[];
  headers: Record<string, string>;
  connections: number;
  /** What each answer must have; 200 unless told. */
  status?: number;
  /** Not counted. */
  warmup: number;
  seconds: number;
}
