export default function Broken() {
  throw new Error("broken");
}

export const dynamic = "force-dynamic";
