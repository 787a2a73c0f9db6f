/** The table of Express's routes. */
import { ANSWER_SHAPES } from "./express-answers.ts";
import { MOUNT_PATTERN_SHAPES } from "./express-mount-patterns.ts";
import { MOUNT_SHAPES } from "./express-mounts.ts";
import { PASSED_ON_SHAPES } from "./express-passed-on.ts";
import { ROUTE_SHAPES } from "./express-routes.ts";
import type { Shape, Version } from "./express-shape.ts";

export const SHAPES: readonly Shape[] = [
  ...ROUTE_SHAPES,
  ...MOUNT_SHAPES,
  ...MOUNT_PATTERN_SHAPES,
  ...ANSWER_SHAPES,
  ...PASSED_ON_SHAPES,
];

export function shapesOn(version: Version): Shape[] {
  return SHAPES.filter(({ on }) => on === undefined || on.includes(version));
}
