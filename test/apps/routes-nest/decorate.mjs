/**
 * Decorators as TypeScript would apply them, in plain JavaScript: Node strips types, and no decorators.
 */
import "reflect-metadata";
import { Controller } from "@nestjs/common";

/**
 * Makes the class a controller.
 *
 * @param path what `@Controller()` takes
 * @param handlers for each method of the class its decorators
 */
export function controller(Class, path, handlers) {
  Controller(path)(Class);
  for (const [name, decorators] of Object.entries(handlers)) {
    const descriptor = Object.getOwnPropertyDescriptor(Class.prototype, name);
    for (const decorate of decorators) decorate(Class.prototype, name, descriptor);
  }
  return Class;
}

/** A decorator of a method's first parameter, among those of the method. */
export function first(decorate) {
  return (prototype, name) => decorate(prototype, name, 0);
}
