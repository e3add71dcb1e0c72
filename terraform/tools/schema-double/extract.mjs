// Reads the names and types of AWS resources out of the CDK bindings that were generated from the real provider's schema.
//
// usage: node extract.mjs PACKAGE_DIRECTORY TYPE...    a TYPE is resource:aws_lb or data:aws_ami; prints schema.json
//
// The bindings' source map has the TypeScript that they were compiled from, and that says of each field whether it is
// required, optional or computed. This is a reader of generated text: it stops at whatever it does not know, rather than
// leave it out.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [directory, ...types] = process.argv.slice(2);
if (!directory) {
  console.error('usage: extract.mjs PACKAGE_DIRECTORY TYPE...');
  process.exit(2);
}

const SIMPLE = { string: 'string', number: 'number', boolean: 'bool', any: 'dynamic' };
const GETTERS = {
  getStringAttribute: 'string',
  getNumberAttribute: 'number',
  getBooleanAttribute: 'bool',
  getListAttribute: ['list', 'string'],
  getNumberListAttribute: ['list', 'number'],
  getStringMapAttribute: ['map', 'string'],
  getNumberMapAttribute: ['map', 'number'],
  getBooleanMapAttribute: ['map', 'bool'],
};

function fail(where, what) {
  throw new Error(`${where}: ${what}`);
}

/** One file of the bindings, cut into its classes and the functions that say how their fields are written. */
class Bindings {
  constructor(name) {
    this.name = name;
    const script = readFileSync(join(directory, 'lib', name, 'index.js'), 'utf8');
    const [, map] = script.match(/sourceMappingURL=data:application\/json;base64,(\S+)/) ?? fail(name, 'no source map');
    this.text = JSON.parse(Buffer.from(map, 'base64').toString('utf8')).sourcesContent[0];
    this.classes = new Map();
    for (const [, className, body] of this.text.matchAll(/^export class (\w+) extends [^\n]*\{\n([\s\S]*?)^\}/gm)) {
      this.classes.set(className, body);
    }
    this.writers = new Map();
    for (const [, writer, body] of this.text.matchAll(/^export function (\w+)ToHclTerraform\([^\n]*\{\n([\s\S]*?)^\}/gm)) {
      this.writers.set(writer.toLowerCase(), body);
    }
  }

  body(className) {
    return this.classes.get(className) ?? fail(this.name, `no class ${className}`);
  }

  /** name -> {computed, optional, required, made, isSet, getter}, from the comment before each field. */
  fields(className) {
    const found = new Map();
    const pattern = new RegExp(
      String.raw`// (\w+) - computed: (true|false), optional: (true|false), required: (true|false)\n` +
        String.raw`(?:\s*private _\w+(?: = new ([\w.]+)\(this, "\w+"(?:, (true|false))?\))?[^\n]*\n)?` +
        String.raw`\s*public get \w+\(\) \{\s*return ([^;]+);`,
      'g',
    );
    for (const [, name, computed, optional, required, made, isSet, getter] of this.body(className).matchAll(pattern)) {
      const yes = (word) => word === 'true';
      found.set(name, { computed: yes(computed), optional: yes(optional), required: yes(required), made, isSet: yes(isSet), getter });
    }
    return found;
  }

  /** name -> {isBlock, type, storageClassType} of what can be set. */
  arguments(text) {
    const found = new Map();
    const pattern = /^\s*(\w+): \{\s*value: [^\n]*\n\s*isBlock: (true|false),\s*type: "(\w+)",\s*storageClassType: "(\w+)",/gm;
    for (const [, name, isBlock, type, storage] of text.matchAll(pattern)) {
      found.set(name, { isBlock: isBlock === 'true', type, storage });
    }
    return found;
  }

  block(className, synthesis) {
    const settable = this.arguments(synthesis);
    const made = { attributes: {}, blocks: {} };
    for (const [name, field] of this.fields(className)) {
      const { computed, optional, required } = field;
      const argument = settable.get(name);
      settable.delete(name);
      if (argument?.isBlock) {
        made.blocks[name] = this.nested(argument, required);
      } else {
        const type = argument ? this.attributeType(argument) : this.computedType(name, field);
        made.attributes[name] = { type, required, optional, computed };
      }
    }
    if (settable.size > 0) {
      fail(this.name, `${className} has arguments without a field: ${[...settable.keys()]}`);
    }
    return made;
  }

  attributeType({ type, storage }) {
    if (type === 'simple' || type === 'any') {
      return SIMPLE[storage] ?? fail(this.name, `type ${storage}`);
    }
    const of = storage.match(/^(string|number|boolean|any)(List|Map)$/) ?? fail(this.name, `type ${type} of ${storage}`);
    return [type, SIMPLE[of[1]]];
  }

  nested({ type, storage }, required) {
    const inner = type === 'struct' ? storage : storage.replace(/List$/, '');
    const writer = this.writers.get(inner.toLowerCase()) ?? fail(this.name, `no writer of ${inner}`);
    const reference = `${inner}OutputReference`;
    const block = this.block(reference, writer);
    // What there is at most one of has its place in the list said by the constructor already, or is no list.
    const single = this.body(reference).match(/super\(terraformResource, terraformAttribute(?:, (?:true|false)(, 0)?)?\);/);
    if (type === 'struct') {
      return single && !single[1] ? { nesting: 'single', block } : fail(this.name, `${reference} is a struct and a list`);
    }
    return { nesting: type, min: required ? 1 : 0, max: single?.[1] ? 1 : 0, block };
  }

  computedType(name, { made, isSet, getter }) {
    const call = getter.match(/this\.(\w+)\('/);
    if (call) {
      const type = GETTERS[call[1]] ?? fail(this.name, `${name}: ${getter}`);
      return getter.includes('tolist(') ? ['set', type[1]] : type;
    }
    if (!made) {
      fail(this.name, `${name}: ${getter}`);
    }
    const primitive = made.match(/^cdktf\.(String|Number|Boolean)Map$/);
    if (primitive) {
      return ['map', SIMPLE[primitive[1].toLowerCase()]];
    }
    const isList = made.endsWith('List');
    const item = ['object', this.object(isList ? `${made.slice(0, -4)}OutputReference` : made)];
    return isList ? [isSet ? 'set' : 'list', item] : item;
  }

  object(className) {
    const types = {};
    for (const [name, field] of this.fields(className)) {
      types[name] = this.computedType(name, field);
    }
    return types;
  }
}

function read(kind, type) {
  const folder = (kind === 'data' ? 'data-aws-' : '') + type.replace(/^aws_/, '').replaceAll('_', '-');
  const bindings = new Bindings(folder);
  const [, className] =
    bindings.text.match(new RegExp(`^export class (\\w+) extends [^\\n]*\\{\\n\\n[^}]*static readonly tfResourceType = "${type}";`, 'm')) ?? fail(folder, `is not ${type}`);
  return bindings.block(className, synthesis(bindings.body(className)));
}

function synthesis(body) {
  return body.slice(body.indexOf('synthesizeHclAttributes()'));
}

const out = { provider: null, resources: {}, data: {} };
const provider = new Bindings('provider');
// Nothing of a provider is computed, and its getters differ from a resource's: its arguments alone say what it takes.
out.provider = { attributes: {}, blocks: {} };
for (const [name, argument] of provider.arguments(synthesis(provider.body('AwsProvider')))) {
  if (!argument.isBlock) {
    out.provider.attributes[name] = { type: provider.attributeType(argument), optional: true };
  } else {
    const inner = argument.storage.replace(/List$/, '');
    const attributes = {};
    for (const [field, type] of provider.arguments(provider.writers.get(inner.toLowerCase()))) {
      attributes[field] = { type: provider.attributeType(type), optional: true };
    }
    out.provider.blocks[name] = { nesting: argument.type === 'set' ? 'set' : 'list', block: { attributes, blocks: {} } };
  }
}
for (const wanted of types) {
  const [kind, type] = wanted.split(':');
  (kind === 'data' ? out.data : out.resources)[type] = read(kind, type);
}
console.log(JSON.stringify(out, null, 1));
