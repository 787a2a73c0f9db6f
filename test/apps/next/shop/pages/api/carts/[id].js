export default function handler(request, response) {
  response.status(request.method === "PUT" ? 202 : 200).json(request.query);
}
