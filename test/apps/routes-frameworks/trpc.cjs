// tRPC's standalone server: `node trpc.cjs trpc10`
const { serve } = require("./serve.cjs");

const [name] = process.argv.slice(2);
const { initTRPC, TRPCError } = require(name);
const { createHTTPServer } = require(`${name}/adapters/standalone`);

const t = initTRPC.create();
const procedure = t.procedure;
const router = t.router({
  greeting: procedure.query(() => "hello"),
  user: t.router({
    byId: procedure.query(() => ({ id: 1 })),
    create: procedure.mutation(() => ({ id: 1 })),
    secret: procedure.query(() => {
      throw new TRPCError({ code: "FORBIDDEN" });
    }),
  }),
});

const created = createHTTPServer({ router });
serve({ main: created.server ?? created });
