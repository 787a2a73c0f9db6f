// Answers nobody: waits until its client has gone.
export async function GET(request) {
  await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
  return new Response();
}
