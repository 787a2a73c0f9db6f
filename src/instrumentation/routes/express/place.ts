/**
 * A place in an application's tree of routers: the application itself, or one of its mounts. Finds the mount that a request has
 * entered there.
 */
import type { ExpressApp, ExpressLayer } from "./layer.ts";
import type { MountPattern } from "./mount-shape.ts";
import { mountsIn } from "./tree.ts";

/** Times that the tree is read again for a mount which is not in it: mounts may be added later. */
const MOST_READINGS = 16;

type PatternOf = (layer: ExpressLayer) => MountPattern;

interface Mount {
  readonly pattern: MountPattern;
  readonly place: Place;
}

export class Place {
  readonly #patternOf: PatternOf;
  readonly #app: ExpressApp;
  readonly #layer: ExpressLayer | undefined;
  #mounts: readonly Mount[] | undefined;
  #readings = 0;

  /** @param layer of the mount; none for the application itself */
  constructor(patternOf: PatternOf, app: ExpressApp, layer?: ExpressLayer) {
    this.#patternOf = patternOf;
    this.#app = app;
    this.#layer = layer;
  }

  /**
   * The mount that has taken a part of a path. Express tries mounts in order, and several may take the same part.
   *
   * @param path from this place on: `/shop/acme/list/7`
   * @param part what the mount took: `/shop/acme`
   * @param passedOn how many mounts took the same part before, and passed the request on
   */
  mountFor(path: string, part: string, passedOn: number): Mount | undefined {
    const mount = this.#find(path, part, passedOn);
    if (mount !== undefined || this.#readings >= MOST_READINGS) return mount;
    this.#readings++;
    const known = new Map(this.#mounts?.map((mount) => [mount.place.#layer, mount]));
    this.#mounts = mountsIn(this.#app, this.#layer).map(
      (layer) =>
        known.get(layer) ?? {
          pattern: this.#patternOf(layer),
          place: new Place(this.#patternOf, this.#app, layer),
        },
    );
    return this.#find(path, part, passedOn);
  }

  /** Hot path (per request to a handler or an application in a mount, before Express 5.3). */
  #find(path: string, part: string, passedOn: number): Mount | undefined {
    if (this.#mounts === undefined) return undefined;
    let before = passedOn;
    for (let i = 0; i < this.#mounts.length; i++) {
      const mount = this.#mounts[i] as Mount;
      if (mount.pattern.partOf(path) === part && before-- === 0) return mount;
    }
    return undefined;
  }
}
