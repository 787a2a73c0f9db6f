export const GET = ({ params }) => new Response(params.id, { status: params.id === "0" ? 422 : 200 });
