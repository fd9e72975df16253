import { type JSX, type ReactNode, useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useIsReconnecting } from './live/live.tsx';
import { ROUTES } from './routes.tsx';
import { QueuePageLink } from './session/queue-page-link.tsx';
import { useMe, useSession } from './session/session.tsx';
import { Button } from './ui/button.tsx';
import { Icon, type IconName } from './ui/icon.tsx';
import { applyTheme, storedTheme, type Theme } from './ui/theme.ts';

/** Menu, who is signed in, and the view; on a phone the menu is at the bottom. */
export function PageLayout({ children }: { readonly children: ReactNode }): JSX.Element {
  const main = useRef<HTMLElement>(null);
  const [path] = useLocation();
  const first = useRef(true);
  useEffect(() => {
    // Whoever follows a link is at the new view's beginning, with the keyboard too.
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
    scrollTo(0, 0);
  }, [path]);
  return (
    <div className="page">
      <a className="skip-link" href="#main" onClick={() => main.current?.focus()}>
        Skip to the view
      </a>
      <header className="nav">
        <Link className="nav-title" to="/">
          <img src="/icon.svg" alt="" width={20} height={20} />
          Postgres Manager
        </Link>
        <nav aria-label="Views">
          <ul className="nav-list">
            {ROUTES.map(({ path: to, menu }) => menu && <MenuItem key={to} to={to} {...menu} />)}
          </ul>
        </nav>
        <Foot />
      </header>
      <main id="main" className="main" tabIndex={-1} ref={main}>
        {children}
      </main>
      <Reconnecting />
    </div>
  );
}

function MenuItem({ to, title, icon }: { to: string; title: string; icon: IconName }): JSX.Element {
  const [path] = useLocation();
  const isHere = to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`);
  return (
    <li>
      <Link to={to} aria-current={isHere ? 'page' : undefined}>
        <Icon name={icon} />
        {title}
      </Link>
    </li>
  );
}

function Foot(): JSX.Element {
  const me = useMe();
  const { signOut } = useSession();
  const limits = Object.entries(me.labels).map(([name, value]) => `${name}:${value}`);
  return (
    <div className="nav-foot">
      <div className="who">
        <div className="cut" title={me.name}>
          {me.name}
        </div>
        <div>
          {me.role}
          {limits.length > 0 && `, ${limits.join(' ')}`}
        </div>
      </div>
      <QueuePageLink />
      <div className="row">
        <ThemeSwitch />
        <Button kind="quiet" onClick={signOut}>
          Sign out
        </Button>
      </div>
    </div>
  );
}

const THEMES: Readonly<Record<Theme, { next: Theme; icon: IconName; title: string }>> = {
  system: { next: 'light', icon: 'half', title: 'Light or dark as on this device' },
  light: { next: 'dark', icon: 'sun', title: 'Light' },
  dark: { next: 'system', icon: 'moon', title: 'Dark' },
};

function ThemeSwitch(): JSX.Element {
  const [theme, setTheme] = useState(storedTheme);
  const { next, icon, title } = THEMES[theme];
  const change = (): void => {
    applyTheme(next);
    setTheme(next);
  };
  return (
    <Button kind="quiet" onClick={change} aria-label={`Colours: ${title}`} title={title}>
      <Icon name={icon} />
    </Button>
  );
}

function Reconnecting(): JSX.Element {
  const isReconnecting = useIsReconnecting();
  return (
    <div role="status">
      {isReconnecting && <div className="reconnecting">Reconnecting; what is shown may be some seconds old</div>}
    </div>
  );
}
