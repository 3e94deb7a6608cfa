import { AppError } from "#core/errors.ts";
import { digestOf, referenceOf, repositoryOf, tagOf } from "./parameters.ts";
import type { WebRoute } from "./web-request.ts";

/** What people change: each is allowed by the same rules as for docker and its like. */
export const changeRoutes: readonly WebRoute[] = [
  {
    method: "DELETE",
    path: "/api/v1/tags",
    name: "tag-remove",
    async handle({ needs, query, permit }) {
      const repository = repositoryOf(query.get("repository"));
      const tag = tagOf(query.get("tag"));
      await needs.changes.remove(repository, tag, permit(repository, ["delete"]));
      return undefined;
    },
  },
  {
    method: "DELETE",
    path: "/api/v1/manifests",
    name: "manifest-remove",
    async handle({ needs, query, permit }) {
      const repository = repositoryOf(query.get("repository"));
      const digest = digestOf(query.get("digest"));
      await needs.changes.remove(repository, digest, permit(repository, ["delete"]));
      return undefined;
    },
  },
  {
    method: "POST",
    path: "/api/v1/tags",
    name: "tag-set",
    body: true,
    async handle({ needs, caller, fields, permit }) {
      const repository = repositoryOf(fields.text("repository"));
      const tag = tagOf(fields.text("tag"));
      const from = referenceOf(fields.text("from"));
      fields.end();
      permit(repository, ["pull"]);
      const by = permit(repository, ["push", "overwrite"]);
      return { repository, tag, digest: await needs.changes.retag(caller, repository, tag, from, by) };
    },
  },
  {
    method: "POST",
    path: "/api/v1/removed-tags/{id}/restore",
    name: "removed-tag-restore",
    async handle({ needs, caller, id, permit }) {
      const removed = /^\d{1,15}$/.test(id) ? await needs.changes.removed(caller, Number(id)) : undefined;
      if (removed === undefined) throw unknown(id);
      const by = permit(removed.repository, ["push"]);
      const { repository, name, digest } = await needs.changes.restore(Number(id), by);
      return { repository, tag: name, digest };
    },
  },
  {
    method: "POST",
    path: "/api/v1/pins",
    name: "tag-pin",
    body: true,
    async handle({ needs, fields, permit }) {
      const repository = repositoryOf(fields.text("repository"));
      const tag = tagOf(fields.text("tag"));
      const pinned = fields.flag("pinned") ?? true;
      fields.end();
      // It keeps the tag, or lets retention remove it.
      const by = permit(repository, ["delete"]);
      await needs.changes.pin(repository, tag, pinned, by);
      return undefined;
    },
  },
];

function unknown(id: string): AppError {
  return new AppError(
    "manifest-unknown",
    `there is no removed tag ${JSON.stringify(id.slice(0, 40))} (any more)`,
  );
}
