// Reads the names and types of AWS resources out of the CDK bindings that were generated from the real provider's schema.
//
// usage: node extract.mjs PACKAGE_DIRECTORY TYPE...    a TYPE is resource:aws_lb or data:aws_ami; prints schema.json
//
// The bindings are JavaScript, so this is a reader of generated text: it stops at whatever it does not know, rather than
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
    this.text = readFileSync(join(directory, 'lib', name, 'index.js'), 'utf8');
    this.classes = new Map();
    for (const [, className, body] of this.text.matchAll(/^class (\w+) extends [^\n]*\{\n([\s\S]*?)^\}/gm)) {
      this.classes.set(className, body);
    }
    this.writers = new Map();
    for (const [, writer, body] of this.text.matchAll(/^function (\w+)ToHclTerraform\(struct\) \{\n([\s\S]*?)^\}/gm)) {
      this.writers.set(writer.toLowerCase(), body);
    }
  }

  body(className) {
    return this.classes.get(className) ?? fail(this.name, `no class ${className}`);
  }

  /** name -> {computed, optional, required, getter}, from the comment before each getter. */
  fields(className) {
    const found = new Map();
    const pattern =
      /\/\/ (\w+) - computed: (true|false), optional: (true|false), required: (true|false)\s+get \w+\(\) \{\s*return ([^;]+);/g;
    for (const [, name, computed, optional, required, getter] of this.body(className).matchAll(pattern)) {
      found.set(name, { computed: computed === 'true', optional: optional === 'true', required: required === 'true', getter });
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
      const { computed, optional, required, getter } = field;
      const argument = settable.get(name);
      settable.delete(name);
      if (argument?.isBlock) {
        made.blocks[name] = this.nested(argument, required);
      } else {
        const type = argument ? this.attributeType(argument) : this.computedType(className, name, getter);
        // What the provider neither takes nor makes does not exist; the bindings have such fields for write-only arguments.
        made.attributes[name] = { type, required, optional, computed };
      }
    }
    if (settable.size > 0) {
      fail(this.name, `${className} has arguments without a getter: ${[...settable.keys()]}`);
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
    if (type !== 'struct') {
      return { nesting: type, min: required ? 1 : 0, block };
    }
    // At most one: a list's or set's first item has an index here, a block that is no list has none.
    const [, isSet, first] = this.body(reference).match(/super\(terraformResource, terraformAttribute(?:, (true|false)(, 0)?)?\)/) ??
      fail(this.name, `${reference} has no constructor`);
    if (!first) {
      return { nesting: 'single', block };
    }
    return { nesting: isSet === 'true' ? 'set' : 'list', min: required ? 1 : 0, max: 1, block };
  }

  computedType(className, name, getter) {
    const call = getter.match(/this\.(\w+)\('/);
    if (call) {
      const type = GETTERS[call[1]] ?? fail(this.name, `${name}: ${getter}`);
      return getter.includes('tolist(') ? ['set', type[1]] : type;
    }
    const field = getter.match(/^this\.(_\w+)$/) ?? fail(this.name, `${name}: ${getter}`);
    const [, made, , isSet] =
      this.body(className).match(new RegExp(`this\\.${field[1]} = new (\\w+)\\(this, "(\\w+)"(?:, (true|false))?\\)`)) ??
      fail(this.name, `${name}: nothing is made for ${field[1]}`);
    const primitive = made.match(/^cdktf\.(String|Number|Boolean)Map$/);
    if (primitive) {
      return ['map', SIMPLE[primitive[1].toLowerCase()]];
    }
    const isList = made.endsWith('List');
    const item = ['object', this.object(isList ? `${made.slice(0, -4)}OutputReference` : made)];
    return isList ? [isSet === 'true' ? 'set' : 'list', item] : item;
  }

  object(className) {
    const fields = {};
    for (const [name, { getter }] of this.fields(className)) {
      fields[name] = this.computedType(className, name, getter);
    }
    return fields;
  }
}

function read(kind, type) {
  const folder = (kind === 'data' ? 'data-aws-' : '') + type.replace(/^aws_/, '').replaceAll('_', '-');
  const bindings = new Bindings(folder);
  const [, className] =
    bindings.text.match(new RegExp(`^(\\w+)\\.tfResourceType = "${type}";`, 'm')) ?? fail(folder, `is not ${type}`);
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
