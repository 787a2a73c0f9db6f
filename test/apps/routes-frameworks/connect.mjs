// connect, as an ES module.
import framework from "connect";
import { connect } from "./shapes/connect.cjs";

connect(framework);
