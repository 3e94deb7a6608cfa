import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { askSocket } from "./harness/ask-socket.ts";
