export default function Legacy() {
  return "legacy";
}
