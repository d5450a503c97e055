/** Small parts that others are made of: a button with a drawing, a dialog, a field, an avatar. */

import type { ComponentChildren, VNode } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../texts/texts.ts";
import { usePage } from "./context.ts";
import { Icon, type IconName } from "./icons.tsx";
import { colorOf, initialsOf, picture } from "./names.ts";

interface IconButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly pressed?: boolean;
  readonly class?: string;
  readonly expanded?: boolean;
}

export function IconButton({ icon, label, onClick, pressed, expanded, class: name = "" }: IconButtonProps): VNode {
  return (
    <button
      type="button"
      class={`icon-button ${name}`}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

interface AvatarProps {
  readonly name: string;
  readonly size?: "" | "small" | "large";
  /** The address of their picture, as they say it. */
  readonly address?: string | undefined;
}

/** Somebody's picture; a letter where they have none that can be shown. */
export function Avatar({ name, size = "", address = "" }: AvatarProps): VNode {
  const { hosts } = usePage();
  const [broken, setBroken] = useState("");
  const shown = address === "" || address === broken ? undefined : picture(address, hosts);
  if (shown !== undefined)
    return (
      <img
        class={`avatar ${size}`}
        src={shown}
        alt=""
        loading="lazy"
        decoding="async"
        onError={() => setBroken(address)}
      />
    );
  return (
    <span class={`avatar ${size} ${colorOf(name)}`} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly wide?: boolean;
}

/** A window over the page. The browser keeps the focus in it, and closes it with Escape. */
export function Dialog({ title, onClose, children, wide = false }: DialogProps): VNode {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // At once, not after the next frame: the focus that goes back late takes away what is typed meanwhile.
  useLayoutEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    // On a touch screen a field would bring up the keyboard.
    if (!matchMedia("(pointer: coarse)").matches) dialog?.querySelector<HTMLElement>("input, select")?.focus();
    return () => {
      dialog?.close();
      // What opened it may be gone, as the button to log in is.
      const next = before?.isConnected ? before : document.getElementById("composer");
      if (next instanceof HTMLElement) next.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={wide ? "dialog wide" : "dialog"}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id={heading}>{title}</h2>
          <IconButton icon="close" label={t("close")} onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: "text" | "password";
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly autocomplete?: string;
  readonly autofocus?: boolean;
  readonly required?: boolean;
  readonly maxLength?: number;
}

export function Field(props: FieldProps): VNode {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const about = props.error ?? props.hint;
  const given = {
    ref: input,
    id,
    value: props.value,
    onInput: (event: { currentTarget: HTMLInputElement }) => props.onInput(event.currentTarget.value),
    autocomplete: props.autocomplete ?? "off",
    autocapitalize: "off" as const,
    spellcheck: false,
    required: props.required,
    maxLength: props.maxLength,
    "aria-invalid": props.error !== undefined,
    "aria-describedby": about === undefined ? undefined : `${id}-about`,
  };
  useEffect(() => {
    if (props.autofocus) input.current?.select();
  }, [props.autofocus]);
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.type === "password" ? <input {...given} type="password" /> : <input {...given} type="text" />}
      {about !== undefined && (
        <p
          id={`${id}-about`}
          class={props.error === undefined ? "hint" : "error"}
          role={props.error === undefined ? undefined : "alert"}
        >
          {about}
        </p>
      )}
    </div>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
  readonly hint?: string | undefined;
}

export function Switch({ label, checked, onChange, disabled = false, hint }: SwitchProps): VNode {
  const id = useId();
  return (
    <div class="switch-line">
      <input
        id={id}
        class="switch"
        type="checkbox"
        checked={checked}
        disabled={disabled}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => {
          const wanted = event.currentTarget.checked;
          // It shows what is so: where the wish is refused, nothing is drawn anew that would turn it back.
          event.currentTarget.checked = checked;
          onChange(wanted);
        }}
      />
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly (readonly [Value, string])[];
  readonly onChange: (value: Value) => void;
}

export function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>): VNode {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value as Value)}>
        {options.map(([name, text]) => (
          <option key={name} value={name} selected={name === value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

interface FilterProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}

/** What a list is to have in it to be shown. */
export function Filter({ label, value, onInput }: FilterProps): VNode {
  return (
    <input
      type="search"
      class="members-filter"
      value={value}
      aria-label={label}
      placeholder={label}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
}
