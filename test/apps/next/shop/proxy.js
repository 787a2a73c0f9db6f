// What Next 16 calls a proxy, and Next 15 a middleware.
import { NextResponse } from "next/server";

export default function proxy(request) {
  const status = request.headers.get("x-stop");
  if (status !== null) return new NextResponse("stop", { status: Number(status) });
  if (request.nextUrl.pathname.startsWith("/inside/")) return NextResponse.rewrite(new URL("/users/7", request.url));
  return NextResponse.next();
}
