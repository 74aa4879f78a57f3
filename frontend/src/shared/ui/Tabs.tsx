import { type ReactNode, type Ref, useId } from "react";

export interface Tab<T extends string> {
  value: T;
  label: ReactNode;
}

/** One choice of a few, as native radio buttons: arrow keys and screen readers know them. */
export function Tabs<T extends string>({ legend, tabs, value, onChange, ref }: TabsProps<T>) {
  const name = useId();
  return (
    <fieldset ref={ref} className="cd-tabs">
      <legend className="cd-hidden">{legend}</legend>
      {tabs.map((tab) => (
        <label key={tab.value} className="cd-tab">
          <input
            type="radio"
            name={name}
            checked={tab.value === value}
            onChange={() => onChange(tab.value)}
          />
          {tab.label}
        </label>
      ))}
    </fieldset>
  );
}

interface TabsProps<T extends string> {
  legend: string;
  tabs: readonly Tab<T>[];
  value: T;
  onChange: (value: T) => void;
  ref?: Ref<HTMLFieldSetElement>;
}
