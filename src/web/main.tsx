import { render } from "preact";
import { createApi } from "./api/api.ts";
import { App } from "./frame/app.tsx";
import { createRouter } from "./route/router.ts";

/*
 * The page: owns what people see of Berth in a browser. It speaks only HTTP (/api/v1), holds no rule (the server
 * decides; `may` in the answers only spares people buttons that would be refused), and writes every text through JSX.
 * URL → place → view → one GET → rows.
 */
render(<App api={createApi()} router={createRouter(window)} />, document.body);
