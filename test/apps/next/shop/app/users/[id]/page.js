export default async function User({ params }) {
  return `user ${(await params).id}`;
}
