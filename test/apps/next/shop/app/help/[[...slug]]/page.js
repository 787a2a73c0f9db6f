export default async function Help({ params }) {
  return (await params).slug?.join("/") ?? "help";
}
