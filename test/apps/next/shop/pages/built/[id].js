export default function Built({ id }) {
  return `built ${id}`;
}

export function getStaticProps({ params }) {
  return { props: params };
}

export function getStaticPaths() {
  return { paths: [{ params: { id: "1" } }], fallback: "blocking" };
}
