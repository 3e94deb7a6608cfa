import { idPageOf, pageOf, referenceOf, repositoryOf } from "./parameters.ts";
import type { WebRoute } from "./web-request.ts";

/** What people look at. */
export const browseRoutes: readonly WebRoute[] = [
  {
    method: "GET",
    path: "/api/v1/repositories",
    name: "repository-list",
    handle: ({ needs, caller, query, leaving }) => needs.browse.repositories(caller, pageOf(query), leaving),
  },
  {
    method: "GET",
    path: "/api/v1/tags",
    name: "tag-facts",
    async handle({ needs, caller, query, permit, leaving }) {
      const repository = repositoryOf(query.get("repository"));
      permit(repository, ["pull"]);
      return needs.browse.tags(caller, repository, pageOf(query), leaving);
    },
  },
  {
    method: "GET",
    path: "/api/v1/manifest",
    name: "manifest-view",
    async handle({ needs, caller, query, permit }) {
      const repository = repositoryOf(query.get("repository"));
      const reference = referenceOf(query.get("reference"));
      permit(repository, ["pull"]);
      return needs.browse.manifest(caller, repository, reference);
    },
  },
  {
    method: "GET",
    path: "/api/v1/removed-tags",
    name: "removed-tag-list",
    async handle({ needs, caller, query, permit }) {
      const given = query.get("repository") ?? "";
      const repository = given === "" ? undefined : repositoryOf(given);
      if (repository !== undefined) permit(repository, ["pull"]);
      return needs.browse.removedTags(caller, repository, idPageOf(query));
    },
  },
];
