import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { Agent, buildConnector, Pool, ProxyAgent, type Dispatcher } from "undici";
import { createAddresses } from "./addresses.ts";
import { checkedLookup, literalFault, lookupBySystem } from "./checked-lookup.ts";
import { hostnameOf, isBeside, isLocalhost, literalRule, namesHost } from "./hosts.ts";
import type { UpstreamParts } from "./upstream-parts.ts";

/** Connections that go nowhere they may not. */
export interface Dialling extends AsyncDisposable {
  /** For content: what may answer at `url`. Throws AddressRefused where that is clear at once. */
  forContent(url: URL): Dispatcher;
  /** For a token: also token servers that `realms` name by their IP, or localhost. */
  forToken(url: URL): Dispatcher;
  /** ms of silence that a request bears: some ways through a proxy know none of their own. */
  readonly timeout: number;
  /** Whether requests to it go through the proxy, so that nobody here knows where they end. */
  goesByProxy(url: URL): boolean;
}

type MayDial = (address: string) => boolean;

/** How long a connection without requests is kept, ms. Less than the servers' usual minute. */
const idle = 30_000;
/** Before the next address of a name is tried, ms. */
const nextAddress = 1_000;

/** @param parts url: the upstream's; its own address may be private where it names it itself. */
export function createDialling(
  parts: Pick<
    UpstreamParts,
    | "url"
    | "realms"
    | "ca"
    | "insecure"
    | "proxy"
    | "no_proxy"
    | "allow_addresses"
    | "rate"
    | "timeout"
    | "lookup"
  >,
): Dialling {
  const { proxy, timeout, lookup = lookupBySystem } = parts;
  const own = new URL(parts.url);
  const addresses = createAddresses(parts.allow_addresses);
  // The system's CAs are some hundred: parsed once, not for each connection.
  const secureContext = parts.ca === undefined ? undefined : contextWith(parts.ca);
  const tls = tlsOptions(secureContext, parts.insecure === true);

  const isOpen: MayDial = (address) => addresses.isPublic(address) || addresses.isAllowed(address);
  const either =
    (one: MayDial, other: MayDial): MayDial =>
    (address) =>
      one(address) || other(address);

  function contentRule(url: URL): MayDial {
    return url.origin === own.origin ? either(isOpen, literalRule(hostnameOf(own))) : isOpen;
  }
  function tokenRule(url: URL): MayDial {
    if (url.origin === own.origin || parts.realms === "any" || !namesHost(parts.realms, url))
      return contentRule(url);
    const named = literalRule(hostnameOf(url));
    // In the clear a password goes to one's own networks at most.
    return url.protocol === "http:"
      ? (address) => addresses.isAllowed(address) || (named(address) && !addresses.isPublic(address))
      : either(isOpen, named);
  }

  const common = { connections: parts.rate.concurrent, allowH2: false, keepAliveTimeout: idle };
  const times = { headersTimeout: timeout, bodyTimeout: timeout };
  function direct(ruleOf: (url: URL) => MayDial): Agent {
    return new Agent({
      ...common,
      ...times,
      factory(origin, options) {
        return new Pool(origin, { ...options, connect: connector(ruleOf(new URL(origin))) });
      },
    });
  }
  function connector(mayDial: MayDial): buildConnector.connector {
    const connect = buildConnector(dialOptions(mayDial));
    return (options, done) => {
      const fault = literalFault(options.hostname, mayDial);
      if (fault === undefined) connect(options, done);
      else done(fault, null);
    };
  }
  function dialOptions(mayDial: MayDial) {
    return {
      ...tls,
      timeout,
      lookup: checkedLookup(lookup, mayDial),
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: nextAddress,
    };
  }

  const content = direct(contentRule);
  const token = direct(tokenRule);
  const through = proxy === undefined ? undefined : createProxy(proxy);
  function createProxy(uri: string): ProxyAgent {
    const ofProxy = either(isOpen, literalRule(hostnameOf(new URL(uri))));
    return new ProxyAgent({
      ...{ uri, ...common, ...times, connectTimeout: timeout },
      requestTls: { ...tls, timeout },
      proxyTls: { ...dialOptions(ofProxy), allowH2: false },
      // Its answer to CONNECT is waited for no longer than any other.
      clientFactory: (origin, options) => new Pool(origin, { ...options, ...times }),
    });
  }

  const goesByProxy = (url: URL) => through !== undefined && !isBeside(parts.no_proxy, url);
  function forUrl(url: URL, agent: Agent, rule: MayDial): Dispatcher {
    if (through === undefined || !goesByProxy(url)) return agent;
    // What the proxy resolves is its business; what is said outright is checked here all the same.
    const fault = literalFault(isLocalhost(hostnameOf(url)) ? "127.0.0.1" : hostnameOf(url), rule);
    if (fault !== undefined) throw fault;
    return through;
  }

  return {
    forContent: (url) => forUrl(url, content, contentRule(url)),
    forToken: (url) => forUrl(url, token, tokenRule(url)),
    ...{ timeout, goesByProxy },
    async [Symbol.asyncDispose]() {
      await Promise.all([content.destroy(), token.destroy(), through?.destroy()]);
    },
  };
}

function tlsOptions(secureContext: SecureContext | undefined, insecure: boolean) {
  return {
    allowH2: false,
    ...(secureContext === undefined ? {} : { secureContext }),
    ...(insecure ? { rejectUnauthorized: false } : {}),
  };
}

function contextWith(ca: string): SecureContext {
  return createSecureContext({ ca: [...getCACertificates("default"), ca] });
}
