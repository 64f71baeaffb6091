import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  label: string;
  value: string;
  onValue: (value: string) => void;
  type?: 'text' | 'email' | 'date' | 'number' | 'datetime-local' | 'month';
  hint?: string;
  list?: string;
  required?: boolean;
  maxLength?: number;
  min?: string;
  max?: string;
  autocomplete?: string;
  pattern?: string;
  isUpperCase?: boolean;
}

/** A labelled box to type into. */
export function Field({
  label,
  value,
  onValue,
  type = 'text',
  hint,
  required = false,
  autocomplete = 'off',
  isUpperCase = false,
  ...rest
}: FieldProps): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type={type}
        value={value}
        required={required}
        autocomplete={autocomplete}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onInput={({ currentTarget }) =>
          onValue(isUpperCase ? currentTarget.value.toUpperCase() : currentTarget.value)
        }
        {...rest}
      />
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}

/** A labelled box with a few choices. */
export function Choice<T extends string>({
  label,
  value,
  choices,
  onValue,
}: {
  label: string;
  value: T;
  choices: readonly (readonly [value: T, text: string])[];
  onValue: (value: NoInfer<T>) => void;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={({ currentTarget }) => onValue(currentTarget.value as T)}
      >
        {choices.map(([choice, text]) => (
          <option key={choice} value={choice}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A few choices of which all are seen. */
export function Radios<T extends string>({
  legend,
  value,
  choices,
  onValue,
}: {
  legend: string;
  value: T;
  choices: readonly (readonly [value: T, text: ComponentChildren])[];
  onValue: (value: NoInfer<T>) => void;
}): JSX.Element {
  const name = useId();
  return (
    <fieldset class="radios">
      <legend>{legend}</legend>
      {choices.map(([choice, text]) => (
        <label key={choice}>
          <input
            type="radio"
            name={name}
            checked={choice === value}
            onChange={() => onValue(choice)}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** A form that sends itself without leaving the page. */
export function Form({
  onSend,
  children,
  label,
  class: className = 'form',
}: {
  onSend: () => void;
  children: ComponentChildren;
  label?: string;
  class?: string;
}): JSX.Element {
  return (
    <form
      class={className}
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        onSend();
      }}
    >
      {children}
    </form>
  );
}
