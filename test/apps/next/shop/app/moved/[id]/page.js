import { redirect } from "next/navigation";

export default function Moved() {
  redirect("/about");
}

export const dynamic = "force-dynamic";
