/**
 * The shapes that routes take in Nest, each as its documentation shows it: `node app.mjs express`, or `fastify`.
 * Knows nothing of metrics.
 */
import "reflect-metadata";
import {
  All,
  Catch,
  ForbiddenException,
  Get,
  Head,
  HttpCode,
  ImATeapotException,
  Module,
  Param,
  ParseIntPipe,
  Post,
  Redirect,
  RequestMethod,
  UnauthorizedException,
  UseFilters,
  UseGuards,
  UseInterceptors,
  VERSION_NEUTRAL,
  Version,
  VersioningType,
} from "@nestjs/common";
import { NestFactory, RouterModule } from "@nestjs/core";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import { of } from "rxjs";
import { controller, first } from "./decorate.mjs";

const onFastify = process.argv[2] === "fastify";

const refuses = { canActivate: () => false };
const throwsUnauthorized = {
  canActivate() {
    throw new UnauthorizedException();
  },
};
const answersFromCache = { intercept: () => of("from a cache") };
const throwsOnTheWay = {
  intercept() {
    throw new ForbiddenException();
  },
};

/** Both platforms' responses have a raw one that can do this. */
class ServiceUnavailableFilter {
  catch(_error, host) {
    const response = host.switchToHttp().getResponse();
    if (onFastify) response.code(503).send("later");
    else response.status(503).send("later");
  }
}
Catch()(ServiceUnavailableFilter);

const CatsController = controller(
  class CatsController {
    all() {
      return [];
    }
    create() {
      return {};
    }
    one() {
      return {};
    }
    toy() {
      return {};
    }
  },
  "cats",
  {
    all: [Get()],
    create: [Post()],
    one: [Get(":id")],
    toy: [Get(":id/toys/:toy")],
  },
);

const AnswersController = controller(
  class AnswersController {
    guarded() {}
    unauthorized() {}
    cached() {}
    intercepted() {}
    async throws() {
      throw new Error("thrown");
    }
    async teapot() {
      throw new ImATeapotException();
    }
    filtered() {
      throw new Error("filtered");
    }
    parsed() {
      return {};
    }
    later() {
      return new Promise((resolve) => setTimeout(resolve, 20, "later"));
    }
    observed() {
      return of("observed");
    }
    empty() {}
    moved() {}
    anything() {
      return {};
    }
    head() {}
    file() {
      return {};
    }
  },
  "answers",
  {
    guarded: [Get("guarded/:id"), UseGuards(refuses)],
    unauthorized: [Get("unauthorized/:id"), UseGuards(throwsUnauthorized)],
    cached: [Get("cached/:id"), UseInterceptors(answersFromCache)],
    intercepted: [Get("intercepted/:id"), UseInterceptors(throwsOnTheWay)],
    throws: [Get("throws/:id")],
    teapot: [Get("teapot/:id")],
    filtered: [Get("filtered/:id"), UseFilters(new ServiceUnavailableFilter())],
    parsed: [Get("parsed/:id"), first(Param("id", ParseIntPipe))],
    later: [Get("later/:id")],
    observed: [Get("observed/:id")],
    empty: [Get("empty/:id"), HttpCode(204)],
    moved: [Get("moved/:id"), Redirect("/api/v1/cats", 301)],
    anything: [All("anything/:id")],
    head: [Head("head/:id")],
    file: [Get("files/*")],
  },
);

const PingController = controller(
  class PingController {
    ping() {
      return "pong";
    }
  },
  "ping",
  { ping: [Get()] },
);

/** Deeper paths, and one controller under two. */
const OwnersController = controller(
  class OwnersController {
    one() {
      return {};
    }
  },
  ["cats/:cat/owners", "keepers"],
  { one: [Get(":owner")] },
);

const ReportsController = controller(
  class ReportsController {
    one() {
      return {};
    }
  },
  "reports",
  { one: [Get(":report")] },
);

class AdminModule {}
Module({ controllers: [ReportsController] })(AdminModule);

/** Answers by itself where a header asks for it. */
function stopsAt(place) {
  return (request, response, next) => {
    if (request.headers["x-stop-at"] !== place) return next();
    response.statusCode = 401;
    response.end("who are you?");
  };
}

class PrefixedModule {
  configure(consumer) {
    consumer.apply(stopsAt("controller")).forRoutes(CatsController);
  }
}
Module({
  imports: [AdminModule, RouterModule.register([{ path: "admin/:year", module: AdminModule }])],
  controllers: [CatsController, AnswersController, PingController, OwnersController],
})(PrefixedModule);

const VersionedController = controller(
  class VersionedController {
    one() {
      return {};
    }
    newer() {
      return {};
    }
    any() {
      return {};
    }
  },
  { path: "dogs", version: "1" },
  {
    one: [Get(":id")],
    newer: [Version(["2", "3"]), Get(":id")],
    any: [Version(VERSION_NEUTRAL), Get("any/:id")],
  },
);

/** A version that is not there is not to reach the one before it: a controller of its own. */
class VersionedModule {}
Module({ controllers: [VersionedController] })(VersionedModule);

async function listen(module, prepare) {
  const options = { logger: false };
  const app = onFastify
    ? await NestFactory.create(module, new FastifyAdapter(), options)
    : await NestFactory.create(module, options);
  prepare(app);
  await app.listen(0, "127.0.0.1");
  return app.getHttpServer().address().port;
}

const port = await listen(PrefixedModule, (app) => {
  app.setGlobalPrefix("api/v1", { exclude: [{ path: "ping", method: RequestMethod.GET }] });
  app.enableCors();
  app.use(stopsAt("all"));
});
const versioned = await listen(VersionedModule, (app) => app.enableVersioning({ type: VersioningType.URI }));
const byHeader = await listen(VersionedModule, (app) =>
  app.enableVersioning({ type: VersioningType.HEADER, header: "x-version" }),
);
console.log(`listening ${port} versioned=${versioned} byHeader=${byHeader}`);
