// GraphQL servers by themselves: `node graphql.cjs yoga yoga4`, `node graphql.cjs apollo apollo4`
const { createServer } = require("node:http");
const { serve } = require("./serve.cjs");

const typeDefs = "type Query { hello: String }";
const resolvers = { Query: { hello: () => "hello" } };

function yoga(name) {
  const { createSchema, createYoga } = require(name);
  serve({ main: createServer(createYoga({ schema: createSchema({ typeDefs, resolvers }), logging: false })) });
}

async function apollo(name) {
  const { ApolloServer } = require(name);
  const { startStandaloneServer } = require(`${name}/standalone`);
  const server = new ApolloServer({ typeDefs, resolvers, csrfPrevention: false });
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: "127.0.0.1" } });
  console.log(`listening ${new URL(url).port}`);
}

const [kind, name] = process.argv.slice(2);
({ yoga, apollo })[kind](name);
