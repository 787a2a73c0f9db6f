export default function Legacy({ id }) {
  return `legacy ${id}`;
}

export function getServerSideProps({ params }) {
  return params.id === "0" ? { notFound: true } : { props: params };
}
