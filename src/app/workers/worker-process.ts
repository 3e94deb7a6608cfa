/** Where a worker process begins: the compile cache first, then everything that it should hold. */
import { enableCompileCache } from "node:module";
import { compileCacheFolder } from "../compile-cache.ts";

enableCompileCache(compileCacheFolder);
await import("./worker.ts");
