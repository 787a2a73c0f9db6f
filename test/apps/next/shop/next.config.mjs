export default {
  // how it is built for containers; `next start` does not want to hear of it
  output: process.env.SHOP_BUILD ? "standalone" : undefined,
  // Next 15 builds and develops in the same folder
  distDir: process.env.SHOP_FOLDER ?? ".next",
  // else Next takes the folder of the topmost lock file for the project
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
  generateBuildId: () => "shop",
  rewrites: () => [
    { source: "/people/:id", destination: "/users/:id" },
    { source: "/former-carts/:id", destination: "/api/carts/:id" },
    { source: "/elsewhere/:path*", destination: "http://127.0.0.1:9/:path*" },
  ],
  redirects: () => [{ source: "/former-users/:id", destination: "/users/:id", permanent: true }],
};
