export const GET = () => {
  throw new Error("thrown by the handler");
};
