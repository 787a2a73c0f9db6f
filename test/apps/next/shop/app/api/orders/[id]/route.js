export async function GET(_request, { params }) {
  return Response.json(await params);
}

export function POST() {
  return new Response(null, { status: 201 });
}

export function DELETE() {
  throw new Error("out of order");
}
