// asks for another route while it is loaded
export const load = async ({ fetch, params }) => ({ text: await (await fetch(`/api/items/${params.slug}`)).text() });
