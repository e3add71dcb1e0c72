import { type Json, type JsonObject, at } from '../logic/json';
import { FIELDS, type FormField } from '../logic/policy';

/** The fields that are changed most; the text has them all. */
export function PolicyForm(props: { policy: JsonObject; onSet: (path: string[], value: Json | undefined) => void }) {
  return (
    <div class="form">
      {FIELDS.map((field) => (
        <label key={field.path.join('.')} class="field">
          <span>{field.label}</span>
          <Input field={field} value={at(props.policy, field.path)} onSet={(value) => props.onSet(field.path, value)} />
          {field.help !== '' && <span class="faint">{field.help}</span>}
        </label>
      ))}
    </div>
  );
}

function Input(props: { field: FormField; value: Json | undefined; onSet: (value: Json | undefined) => void }) {
  const { field, value, onSet } = props;
  const name = field.path.join('.');
  if (field.kind === 'switch') {
    return (
      <select name={name} value={value === undefined ? '' : String(value)} onChange={(e) => onSet(e.currentTarget.value === '' ? undefined : e.currentTarget.value === 'true')}>
        <option value="">default</option>
        <option value="true">on</option>
        <option value="false">off</option>
      </select>
    );
  }
  if (typeof field.kind !== 'string') {
    return (
      <select name={name} value={typeof value === 'string' ? value : ''} onChange={(e) => onSet(e.currentTarget.value === '' ? undefined : e.currentTarget.value)}>
        {field.path[0] !== 'consistency' && <option value="">default</option>}
        {field.kind.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    );
  }
  const shown = Array.isArray(value) ? value.join(', ') : value === undefined || value === null ? '' : String(value);
  return (
    <input
      name={name}
      type="text"
      inputMode={field.kind === 'number' ? 'decimal' : 'text'}
      placeholder={field.unset ?? 'default'}
      value={shown}
      onChange={(e) => onSet(read(field, e.currentTarget.value.trim()))}
    />
  );
}

/** What was typed; what is no number stays text, so that the router can say what is wrong with it. */
function read(field: FormField, text: string): Json | undefined {
  if (text === '') {
    return undefined;
  }
  if (field.kind === 'list') {
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }
  const number = Number(text);
  return field.kind === 'number' && Number.isFinite(number) ? number : text;
}
