/** Keeps the page on which codes are checked, for where there is no network. It keeps only what that page names. */

export {};

declare const self: {
  addEventListener(kind: string, listen: (event: never) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  location: Location;
  registration: { scope: string };
};

interface Extendable {
  waitUntil(done: Promise<unknown>): void;
}
interface Fetching extends Extendable {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Message extends Extendable {
  data: { keep?: string[] };
  ports: MessagePort[];
}

const NAME = `yicha-tokens ${new URL(self.registration.scope).pathname}`;
/** Milliseconds after which a network that does not answer counts as none. */
const PATIENCE = 4000;

const bare = (address: string): string => address.split("#")[0]!;

async function keep(urls: string[]): Promise<void> {
  const fresh = await caches.open(`${NAME} new`);
  const bared = new Set(urls.map(bare));
  await fresh.addAll([...bared].map((url) => new Request(url, { cache: "no-cache" })));
  const kept = await caches.open(NAME);
  for (const old of await kept.keys()) await kept.delete(old);
  for (const request of await fresh.keys()) await kept.put(request, (await fresh.match(request))!);
  await caches.delete(`${NAME} new`);
}

/** What the network says, and what is kept when it is silent. */
async function answer(request: Request, kept: Response): Promise<Response> {
  if (!navigator.onLine) return kept;
  try {
    const found = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    return found.status < 500 ? found : kept;
  } catch {
    return kept;
  }
}

async function find(request: Request): Promise<Response> {
  const kept = await (await caches.open(NAME)).match(bare(request.url), { ignoreVary: true });
  return kept ? answer(request, kept) : fetch(request);
}

self.addEventListener("install", (event: Extendable) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event: Extendable) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event: Message) => {
  const { keep: urls } = event.data;
  if (urls) event.waitUntil(keep(urls).then(() => event.ports[0]?.postMessage("kept")));
});
self.addEventListener("fetch", (event: Fetching) => {
  if (event.request.method === "GET") event.respondWith(find(event.request));
});
