/**
 * What the perl programs of this folder begin with. They work inside a root that isn't to be trusted (a layer under
 * way, a running container), so each makes that root its own with chroot before it looks at a name: whatever links and
 * names are there, nothing outside can be reached. Perl, because Node has no chroot of a child, no mknod and no
 * xattrs, and perl-base is on every Debian and Ubuntu. Names are bytes; no module is loaded after chroot.
 *
 * A failure is one line on stderr, `KIND<tab>text`, and exit code 1; run-inside.ts makes an AppError of it.
 */
export const prelude = String.raw`
use strict; use Fcntl qw(:DEFAULT :mode); use POSIX ();
binmode STDIN; binmode STDOUT; umask 0;
my $machine = (POSIX::uname())[4];
my %number = $machine eq 'x86_64'
  ? (unshare => 272, mount => 165, mknodat => 259, utimensat => 280, lsetxattr => 189, lgetxattr => 192,
     llistxattr => 195, statx => 332)
  : (unshare => 97, mount => 40, mknodat => 33, utimensat => 88, lsetxattr => 6, lgetxattr => 9,
     llistxattr => 12, statx => 291);
my $noFollow = 0x100; my $here = -100;

# The ids that containers' ids are here, none: the same ones.
my ($firstId, $idCount) = split /:/, $ENV{IDS} || '0:0';
sub id_inside { my ($id) = @_; return $id >= $firstId && $id < $firstId + $idCount ? $id - $firstId : $id }
sub own_folder { my ($path) = @_; POSIX::lchown($firstId, $firstId, $path) if $firstId }

sub fail { my ($kind, $text) = @_; print STDERR "$kind\t$text\n"; exit 1 }
# After a failed call: what the kernel says decides the kind where that is clear.
sub oops {
  my ($what, $kind) = @_; my $e = $! + 0;
  $kind = 'full' if $e == 28 || $e == 122;
  $kind = 'readonly' if $e == 30;
  fail($kind || 'failed', "$what: $!");
}
fail('failed', "the engine can't work on $machine") unless $machine =~ /^(x86_64|aarch64|riscv64)$/;

# Copies its arguments: syscall() writes to texts, and literals can't be written.
sub sys { my ($name, @a) = @_; return syscall($number{$name}, @a) }

sub root_is { my ($root) = @_; chdir $root or oops("chdir"); chroot '.' or oops("chroot"); chdir '/' or oops("chdir") }

# Mounts made from here on are this process' own and end with it.
sub own_mounts {
  sys('unshare', 0x20000) == 0 or oops("unshare");
  sys('mount', 'none', '/', 0, 0x44000, 0) == 0 or oops("mount");
}

sub is_whiteout { my ($path) = @_; my @s = lstat $path; return @s && S_ISCHR($s[2]) && $s[6] == 0 }

sub xattr {
  my ($path, $name) = @_; my $value = "\0" x 65536; my $length = length $value;
  my $n = syscall($number{lgetxattr}, $path, $name, $value, $length);
  return $n < 0 ? undef : substr($value, 0, $n);
}
my $opaqueName = 'trusted.overlay.opaque';
sub is_opaque { my $v = xattr($_[0], $opaqueName); return defined $v && $v eq 'y' }
sub set_opaque { sys('lsetxattr', $_[0], $opaqueName, 'y', 1, 0) == 0 or oops("setting an attribute of $_[0]") }
`;
