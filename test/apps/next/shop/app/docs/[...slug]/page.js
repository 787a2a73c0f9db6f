export default async function Doc({ params }) {
  return (await params).slug.join("/");
}
